"""What ships to Lambda beside app.py. It imports nothing else from this project."""
