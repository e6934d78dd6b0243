from seglab.course.results import Result, record
from seglab.course.worth import points

__all__ = ["Result", "points", "record"]
