"""What whoever runs the service sees of it: metrics, traces, error reports. Each is off until the environment says so.

What is off is not imported, and costs nothing. docs/monitoring.md tells of all of it.
"""
