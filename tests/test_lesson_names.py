"""Names at known pixels: what the eye sees there in the image, and what each lab calls it."""

import numpy as np
import pytest
import torch
from reading import NOTHING, assert_is_photo, named, names

from seglab import lessons
from seglab.images import coins, mosaics, scenes

# Looked up in the images by eye, not in the label maps.
MOSAIC = {
    (33, 53): "grass",
    (40, 170): "print",
    (40, 230): "brick",
    (111, 15): "tissue",
    (210, 60): "stars",
    (160, 180): "gravel",
    (229, 170): "moon",
}
EIGHT_OBJECTS = {  # scene 0, whether it has an overlap of 0.2 or 0.3
    (97, 73): "square",
    (62, 84): "cross",
    (21, 95): "disc",
    (62, 37): "triangle",
    (27, 39): "ring",
    (23, 56): "triangle",
}
TOUCHING = {  # scene 3, half of whose objects touch
    (41, 93): "disc",
    (82, 23): "star",
    (107, 39): "square",
    (101, 82): "triangle",
    (23, 16): "ring",
    (51, 15): "star",
}
PANOPTIC = {  # scene 4 of lab 02
    (71, 107): "star",
    (132, 160): "square",
    (9, 155): "disc",
    (108, 46): "cross",
    (83, 125): "ring",
    (52, 138): "triangle",
    (20, 30): "gravel",
    (80, 170): "brick",
    (130, 30): "grass",
}


def lab(number, **state):
    further = lessons.further()
    return (further[number] if number in further else lessons.find(number)).at(**state)


def kinds(picture):
    """The class at each pixel: a name without its object's number."""
    return np.vectorize(lambda name: name.split(" ")[0], otypes=[object])(names(picture))


def read(pixels, plane):
    return {at: plane[at] for at in pixels}


@pytest.mark.parametrize("title", ["labels, per pixel", "labels, per cell"])
def test_textures_that_the_eye_sees(title):
    picture = lab("06").panes[title]
    step = 256 // picture.size[0]
    seen = read([(row // step, column // step) for row, column in MOSAIC], names(picture))
    right = [name == wanted for name, wanted in zip(seen.values(), MOSAIC.values(), strict=True)]
    assert sum(right) >= len(MOSAIC) - 1  # a net may be wrong once
    truth = mosaics.make(0)
    assert read(MOSAIC, named(truth.labels, truth.classes)) == MOSAIC


def test_a_texture_that_is_labelled_wrong_is_called_wrong():
    run = lab("06", rule="threshold", level=0.4)
    said, label = names(run.panes["against the truth"]), names(run.panes["labels, per pixel"])
    truth = named(mosaics.make(0).labels, mosaics.CLASSES)
    assert set(said[label == truth]) == {"right"}
    assert set(said[label == "several classes"]) == {"several classes"}
    assert set(said[label == NOTHING]) == {NOTHING}
    other = (label != truth) & (label != "several classes") & (label != NOTHING)
    assert set(said[other]) == {"wrong"}


def test_the_winner_of_two_orders_is_named():
    said = names(lab("06").panes["softmax order"])
    ways = ("after upsampling", "before upsampling")
    after, before = (names(lab("06", softmax=way).panes["labels, per pixel"]) for way in ways)
    truth = named(mosaics.make(0).labels, mosaics.CLASSES)
    assert set(said[after == before]) == {"the same label"}
    assert set(said[(after == truth) & (before != truth)]) == {"only softmax after is right"}
    assert set(said[(after != truth) & (before == truth)]) == {"only softmax before is right"}


def test_the_three_nets_name_textures():
    run = lab("07", f=2, trained="patches")
    for title in ("plain", "dilated"):
        picture = run.panes[title]
        spare = (256 - picture.size[0]) // 2
        seen = {at: names(picture)[at[0] - spare, at[1] - spare] for at in MOSAIC if at[1] > 40}
        wanted = {at: MOSAIC[at] for at in seen}
        hits = sum(seen[at] == wanted[at] for at in seen)
        assert hits >= len(wanted) - 2, (title, seen)


def test_mistakes_are_named_by_what_the_net_says():
    picture = lab("07", view="mistakes").panes["dilated"]
    said, truth = names(picture), named(mosaics.make(0).labels, mosaics.CLASSES)
    assert (said == "right").mean() > 0.3
    assert not (said == truth).any()
    assert set(said.flat) <= {"right", NOTHING, *mosaics.CLASSES}


@pytest.mark.parametrize("net", ["fcn-8s", "unet"])
def test_objects_of_a_scene_that_the_eye_sees(net):
    both = lab("12", net=net).panes["labels"]
    sides = dict(both.parts)
    assert read(EIGHT_OBJECTS, names(sides["truth"])) == EIGHT_OBJECTS
    seen = read(EIGHT_OBJECTS, names(sides["net"]))
    assert sum(seen[at] == EIGHT_OBJECTS[at] for at in seen) >= len(seen) - 1
    assert names(sides["truth"])[120, 110] == "background"


def test_an_edge_is_named_by_who_has_it():
    run = lab("12", net="fcn-32s")
    sides = {name: names(side) for name, side in run.panes["labels"].parts}
    said = names(run.panes["boundaries"])
    for name, mine, other in (("net only", "net", "truth"), ("truth only", "truth", "net")):
        there = list(zip(*np.where(said == name), strict=True))
        assert there
        assert all(changes(sides[mine], at) for at in there)
        assert not all(changes(sides[other], at) for at in there)
    agreed = list(zip(*np.where(said == "net and truth"), strict=True))
    assert agreed
    assert all(changes(sides["net"], at) and changes(sides["truth"], at) for at in agreed)


def changes(plane, at, reach=2):
    """Tell whether there is another name within `reach` pixels."""
    row, column = at
    around = plane[max(0, row - reach) : row + reach + 1, max(0, column - reach) :]
    return len(set(around[:, : min(column, reach) + reach + 1].flat)) > 1


def test_a_training_names_what_the_eye_sees():
    run = lab("13", look=1, steps=100)
    pixels = {
        "training": {
            **{(11, 42): "round", (35, 53): "angular", (55, 38): "angular"},
            **{(10, 10): "gravel", (54, 56): "brick"},
        },
        "new": {(20, 14): "angular", (49, 24): "angular", (40, 48): "angular", (5, 5): "gravel"},
    }
    for kind, wanted in pixels.items():
        sides = dict(run.panes[f"{kind} labels"].parts)
        truth, net = (names(sides[title]) for title in ("truth", "net"))
        assert read(wanted, truth) == wanted
        assert (net == truth).mean() > 0.6
        image = run.panes[f"{kind} scene"].array.astype(float)
        thing = np.isin(truth, ("round", "angular"))
        assert np.abs(image[thing].mean(0) - image[~thing].mean(0)).max() > 20  # one scene


def drawn_again(labels):
    """Shift labels [H, W] two pixels to the right over background."""
    moved = torch.zeros_like(labels)
    moved[:, 2:] = labels[:, :-2]
    return moved


def side(run, name):
    """One of the two label maps of lab 14."""
    return dict(run.panes["prediction | truth"].parts)[name]


def test_mistakes_of_a_shift_are_named():
    run = lab("14")  # all objects found, two pixels too far right
    scene = scenes.make(0, (128, 128), 8, difficulty=0.3, overlap=0.2)
    truth, words = scene.labels[0], scenes.CLASSES
    shifted = drawn_again(scene.labels[0])
    assert read(EIGHT_OBJECTS, names(side(run, "truth"))) == EIGHT_OBJECTS
    assert (names(side(run, "truth")) == named(truth[None], words)).all()
    assert (names(side(run, "prediction")) == named(shifted[None], words)).all()
    said = names(run.panes["errors"])
    row = 21  # across the disc, from left to right, on background
    (there,) = np.where(names(side(run, "truth"))[row] == "disc")
    first, last = there[0], there[-1]
    assert list(said[row, first - 1 : first + 3]) == [
        *("background, right", "false negative", "false negative", "object, right"),
    ]
    assert list(said[row, last : last + 4]) == [
        *("object, right", "false positive", "false positive", "background, right"),
    ]
    right, object_, found = (plane.numpy() for plane in (truth == shifted, truth > 0, shifted > 0))
    wanted = {
        "background, right": right & ~object_,
        "object, right": right & object_,
        "false positive": ~object_ & found,
        "false negative": object_ & ~found,
        "wrong class": ~right & object_ & found,
    }
    for name, place in wanted.items():
        assert ((said == name) == place).all(), name


def test_bands_are_named_by_whose_they_are():
    run = lab("14", shift=6, d=2)
    said, truth = names(run.panes["boundary bands"]), names(side(run, "truth"))
    (there,) = np.where(truth[21] == "disc")
    first, last = there[0], there[-1]
    assert list(said[21, first - 1 : first + 3]) == [
        *("no object's band", "truth's only", "truth's only", "no object's band"),
    ]
    assert list(said[21, last + 5 : last + 8]) == [
        *("prediction's only", "prediction's only", "no object's band"),
    ]
    same = names(lab("14", shift=0).panes["boundary bands"])
    assert set(same.flat) == {"no object's band", "in both"}
    misnamed = lab("14", shift=0, fate="largest misnamed").panes["boundary bands"]
    assert "another class's" in set(names(misnamed).flat)


def test_a_brush_paints_the_class_that_it_is_named_after():
    run = lab("14", shift=0, brush="star", at=(97, 73), radius=4)
    assert names(side(run, "prediction"))[97, 73] == "star"
    assert names(run.panes["errors"])[97, 73] == "wrong class"
    assert names(lab("14", shift=0, fate="all missed").panes["errors"])[97, 73] == "false negative"


@pytest.mark.parametrize("net", ["centers and offsets", "watershed on classes", "Mask R-CNN"])
def test_found_objects_are_named_as_the_eye_names_them(net):
    run = lab("15", net=net, seed=3)
    assert read(TOUCHING, named(run.values["scene"].labels, scenes.CLASSES)) == TOUCHING
    seen = read(TOUCHING, kinds(run.panes["objects"]))
    hits = [seen[at] == wanted for at, wanted in TOUCHING.items()]
    assert sum(hits) >= len(TOUCHING) - 2, seen
    assert run.fork(pixel=(41, 93)).numbers["at your point"].startswith("disc, ")
    assert run.fork(pixel=(82, 23)).numbers["at your point"].startswith("star, ")
    assert kinds(run.panes["objects"])[120, 120] == "no"  # object


@pytest.mark.parametrize("view", ["semantic", "panoptic", "instance"])
def test_segments_are_named_as_the_eye_names_them(view):
    run = lab("02", view=view)
    stuff = {"gravel", "brick", "grass"}
    wanted = {
        at: "no" if view == "instance" and name in stuff else name for at, name in PANOPTIC.items()
    }
    assert read(PANOPTIC, kinds(run.panes["true segments"])) == wanted
    seen = read(PANOPTIC, kinds(run.panes["found segments"]))
    assert sum(seen[at] == wanted[at] for at in wanted) >= len(wanted) - 1, seen
    for at, name in wanted.items():
        here = run.fork(pixel=at)
        true, found = here.numbers["at your point"].split(", found ")
        assert true.split(" ")[0] == name
        assert found.split(" ")[0].rstrip(",") == seen[at]
        assert true == names(run.panes["true segments"])[at]


def test_the_segment_at_a_point_is_named_by_who_has_it():
    run = lab("02", mistake="1 px too small", pixel=(132, 160))
    said = names(run.panes["the segment at your point"])
    square = run.values["true"].segment("panoptic", (132, 160)).numpy()
    assert said[132, 160] == "both"
    assert set(said[~square]) == {"outside"}
    assert set(said[square]) == {"both", "true only"}
    large = lab("02", mistake="1 px too large", pixel=(132, 160))
    said = names(large.panes["the segment at your point"])
    assert set(said[square]) == {"both"}
    assert set(said[~square]) == {"outside", "found only"}


def test_coins_lie_on_a_table():
    run = lab("02", picture="coins", view="panoptic")
    coin = coins.load((152, 192)).instances[0].numpy() > 0
    said = kinds(run.panes["true segments"])
    assert set(said[coin]) == {"coin"}
    assert set(said[~coin]) == {"table"}


@pytest.mark.parametrize(
    ("photo", "pixels"),
    [
        (
            "astronaut",
            {
                **{(40, 110): "person", (90, 110): "person", (180, 110): "person"},
                **{(60, 200): "background", (60, 20): "background", (20, 250): "background"},
            },
        ),
        (
            "camera",
            {
                **{(70, 105): "person", (140, 50): "person", (200, 20): "person"},
                **{(30, 200): "background", (200, 200): "background", (100, 10): "background"},
            },
        ),
    ],
)
def test_a_person_is_where_the_eye_sees_one(photo, pixels):
    run = lab("16", photo=photo)
    assert read(pixels, names(run.panes["mask"])) == pixels
    heat, cut = run.panes["probability"].array, run.panes["cut-out"]
    for at, name in pixels.items():
        assert (heat[at] > 127) == (name == "person"), at
        white = (cut.array[at] == 255).all()
        assert white == (name == "background"), at
        assert run.fork(pixel=at).numbers["at your point"] == (
            "person 100%" if name == "person" else "person 0%"
        )


def test_a_photo_is_labelled_as_the_eye_labels_it():
    run = lab("16-every-net")
    pixels = {
        **{(82, 186): "disc", (164, 46): "star", (214, 78): "square", (46, 32): "ring"},
        **{(132, 160): "triangle", (102, 30): "star", (240, 200): "background"},
    }
    assert read(pixels, names(run.panes["labels"])) == pixels
    objects = {at: name for at, name in pixels.items() if name != "background"}
    seen = read(objects, kinds(run.panes["objects"]))
    assert sum(seen[at] == objects[at] for at in objects) >= len(objects) - 1, seen
    for at, name in pixels.items():
        here = run.fork(pixel=at)
        assert here.numbers["at your point"].startswith(f"{name} ")
        assert here.numbers["heatmap of"] == name
    over = run.panes["your picture, labelled"]
    assert over.names == ("picture", "labels over it")
    (_, picture), (_, mixed) = over.parts
    assert (picture.array[240, 200] == mixed.array[240, 200]).all()  # background stays clear
    assert_is_photo(picture, run.values["picture"])
    assert (picture.array[82, 186] != mixed.array[82, 186]).any()


def test_a_mosaic_is_labelled_as_the_eye_labels_it():
    seen = read(
        MOSAIC,
        names(lab("16-every-net", photo="mosaic", net="texture net, for mosaics").panes["labels"]),
    )
    assert sum(seen[at] == wanted for at, wanted in MOSAIC.items()) >= len(MOSAIC) - 2, seen
