"""The protobuf messages."""
