"""Amazon's own DynamoDB engine under the tests, as `make test-dynamodb` runs them."""
