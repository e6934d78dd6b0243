"""A saved lab as a visitor meets it."""

from small_labs import LAB

from .hands import View


class Slide(View):
    """A saved lab in a page, or in the frame of one."""

    def __init__(self, page, frame=None):
        super().__init__(page)
        self.frame = frame or page
        self.frame.locator(".seglab-live").wait_for()

    def root(self):
        return self.frame.locator(".seglab-lab")

    def control(self, label):
        return self.root().get_by_label(label, exact=True)

    def expect(self, lab=LAB, **state):
        """All panes and numbers are exactly what the lab computes."""
        run = lab.at(**state)
        for name, picture in run.panes.items():
            if not picture.parts:
                self.expect_pixels(name, picture)
        wanted = {name: str(value) for name, value in run.numbers.items()}
        self.until(lambda: self.numbers() == wanted, f"{self.numbers()} is not {wanted}")
