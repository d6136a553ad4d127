"""A straight line through what was measured."""

import math


def line(points):
    """(slope, its standard error) of y over x, by least squares; `points`: [(x, y)], at least three."""
    count = len(points)
    mean_x, mean_y = (sum(each) / count for each in zip(*points))
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
    residue = sum((y - mean_y - slope * (x - mean_x)) ** 2 for x, y in points)
    return slope, math.sqrt(residue / (count - 2) / spread)


def lows(points, width):
    """The lowest point of each stretch of x that wide: what is left when a burst is over."""
    stretches = {}
    for x, y in points:
        stretch = stretches.setdefault(int(x // width), (x, y))
        if y < stretch[1]:
            stretches[int(x // width)] = (x, y)
    return [stretches[key] for key in sorted(stretches)]
