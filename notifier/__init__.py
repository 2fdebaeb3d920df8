"""The notifier: a Lambda function of its own that sends a Web Push when a coffee is ready."""
