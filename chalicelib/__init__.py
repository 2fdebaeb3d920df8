"""Everything that ships to Lambda besides app.py. It imports nothing else of this project."""
