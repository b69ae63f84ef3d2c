"""Checking, salvaging, backing up, watching and stopping a service."""
