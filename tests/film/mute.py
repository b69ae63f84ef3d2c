"""A worker that takes its task and never says a word."""

import sys

if __name__ == "__main__":
    sys.stdin.buffer.read()
