import json

import numpy as np
import pytest
import torch

from seglab.draw import paint

COLUMNS = ("layer", "size", "stride")
ROWS = [("conv1", 3, 1), ("pool1", 4, 2)]


def test_a_table_keeps_its_texts_and_knows_its_numbers():
    header = json.loads(json.dumps(paint.table(COLUMNS, ROWS, highlight=1).header()))
    assert header["columns"] == list(COLUMNS)
    assert header["rows"] == [["conv1", "3", "1"], ["pool1", "4", "2"]]
    assert (header["numeric"], header["highlight"]) == ([False, True, True], 1)


def test_numbers_may_keep_their_digits():
    table = paint.table(("class", "IoU", "of"), [("disc", "0.90", "1"), ("star", "-1", "1 x 1")])
    assert table.rows[0] == ("disc", "0.90", "1")
    assert table.numeric == (False, True, False)


def test_a_table_is_a_picture_too():
    table = paint.table(COLUMNS, ROWS, highlight=1)
    assert table.array.dtype == np.uint8
    assert table.array.tolist() == [[0, 0, 0], [1, 1, 1]]
    assert table.rgb().shape == (*table.size, 3)
    assert table.alt() == "table of 2 rows; highlighted: layer pool1, size 4, stride 2"
    assert "last: layer pool1" in paint.table(COLUMNS, ROWS).alt()


def test_what_is_no_table_is_refused():
    with pytest.raises(ValueError, match="row 1 has 2 entries for 3 columns"):
        paint.table(COLUMNS, [ROWS[0], ("pool1", 4)])
    with pytest.raises(ValueError, match="3 columns and 0 rows"):
        paint.table(COLUMNS, [])
    with pytest.raises(ValueError, match="highlight=2 is no row; use 0 to 1"):
        paint.table(COLUMNS, ROWS, highlight=2)


def test_a_class_table_has_a_row_for_each_class():
    scores, shares = torch.tensor([-0.04, 2.25]), {"now": [0.25, 0.75], "then": (0.0, 1.0)}
    shown = paint.class_table(("grass", "moon"), scores, shares, highlight=1)
    assert shown.columns == ("class", "score", "now", "then")
    assert shown.rows == (("grass", "0.0", "0.250", "0.000"), ("moon", "2.2", "0.750", "1.000"))
    assert shown.highlight == 1
    assert shown.numeric == (False, True, True, True)


def test_a_class_table_has_one_value_for_each_class():
    with pytest.raises(ValueError, match="3 values of 'now' for 2 classes; give one for each"):
        paint.class_table(("grass", "moon"), (1, 2), {"now": (0.1, 0.2, 0.7)})
