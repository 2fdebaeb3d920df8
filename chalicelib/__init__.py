"""What ships to Lambda beside app.py. It imports nothing of cloud, coffee_client or tests."""
