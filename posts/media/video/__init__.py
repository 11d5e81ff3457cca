"""MP4 and QuickTime: what is said of a video in its boxes, read and cleaned in place, the film itself untouched.

The registry has readers that hold a file in memory or hand it to FFmpeg's decoders, and none that cleans one in
place; what we need is a few fixed fields, so it is read here, strictly and in little memory, by plain Python.
"""
