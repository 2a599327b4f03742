"""Trees as arrays of nodes: what scikit-learn has grown is kept, judged and served as these, without scikit-learn.

An .npz of plain arrays can be read by anybody and runs nothing, which a pickle does. One walker answers when a model is judged and
when it serves; a test holds it against scikit-learn's own predictions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pitwall.ml.estimators.shared.calibration import Array

AT_ONCE = 400_000  # pairs of a row and a tree that are walked together: a few megabytes


@dataclass(frozen=True)
class NodeTrees:
    """Nodes of all trees, one after the other.

    Attributes:
        roots: trees, the first node of each.
        feature: nodes, the column that is asked; 0 at a leaf.
        threshold: nodes, a value up to it goes left; infinite at a leaf.
        left: nodes, where to; a leaf leads to itself.
        right: nodes, where to; a leaf leads to itself.
        null_left: nodes, whether what is not known goes left.
        value: nodes, what a leaf says.
        depth: most steps from a root to a leaf.
        base: what stands before the trees.
        share: what each tree counts.
        single: columns are read in single precision, as the trees were grown.
    """

    roots: npt.NDArray[np.int32]
    feature: npt.NDArray[np.int32]
    threshold: Array
    left: npt.NDArray[np.int32]
    right: npt.NDArray[np.int32]
    null_left: npt.NDArray[np.bool_]
    value: Array
    depth: int
    base: float
    share: float
    single: bool

    def sums(self, values: Array) -> Array:
        """Return base plus the share of each tree's leaf, per row of rows x features."""
        columns = values.astype(np.float32).astype(np.float64) if self.single else values
        step = max(1, AT_ONCE // max(1, len(self.roots)))
        parts = [self._walk(columns[at : at + step]) for at in range(0, len(columns), step)]
        return self.base + self.share * np.concatenate(parts) if parts else np.empty(0)

    def _walk(self, values: Array) -> Array:
        flat, width = np.ascontiguousarray(values).ravel(), values.shape[1]
        start = (np.arange(len(values), dtype=np.int64) * width)[:, None]
        node = np.broadcast_to(self.roots, (len(values), len(self.roots)))
        for _ in range(self.depth):
            asked = flat[start + self.feature[node]]
            goes_left = (asked <= self.threshold[node]) | (np.isnan(asked) & self.null_left[node])
            node = np.where(goes_left, self.left[node], self.right[node])
        return np.asarray(self.value[node].sum(axis=1))

    def save(self, path: Path) -> None:
        """Write an .npz of arrays."""
        content = {each.name: np.asarray(getattr(self, each.name)) for each in fields(self)}
        with path.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **content)

    @classmethod
    def load(cls, path: Path) -> NodeTrees:
        """Read what `save` wrote."""
        with np.load(path, allow_pickle=False) as content:
            arrays = {each.name: content[each.name] for each in fields(cls)}
        plain = {name: array.item() for name, array in arrays.items() if array.ndim == 0}
        return cls(**{**arrays, **plain})


@dataclass(frozen=True)
class Grown:
    """The nodes of one tree, numbered from its root; `leaf` says which are leaves, `depth` how deep each lies."""

    feature: npt.NDArray[np.int32]
    threshold: Array
    left: npt.NDArray[np.int32]
    right: npt.NDArray[np.int32]
    null_left: npt.NDArray[np.bool_]
    value: Array
    leaf: npt.NDArray[np.bool_]
    depth: int


def joined(trees: Sequence[Grown], *, base: float, share: float, single: bool) -> NodeTrees:
    """Return trees as one set of arrays; see `NodeTrees` for the arguments."""
    sizes = [len(tree.value) for tree in trees]
    roots = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int32)
    own = [np.arange(size, dtype=np.int32) for size in sizes]
    leaf = np.concatenate([tree.leaf for tree in trees])
    left, right = (
        np.concatenate(
            [
                root + np.where(tree.leaf, numbers, getattr(tree, side))
                for root, numbers, tree in zip(roots, own, trees, strict=True)
            ]
        ).astype(np.int32)
        for side in ("left", "right")
    )
    return NodeTrees(
        roots=roots,
        feature=np.where(leaf, 0, np.concatenate([tree.feature for tree in trees])).astype(np.int32),
        threshold=np.where(leaf, np.inf, np.concatenate([tree.threshold for tree in trees])),
        left=left,
        right=right,
        null_left=np.where(leaf, True, np.concatenate([tree.null_left for tree in trees])),
        value=np.where(leaf, np.concatenate([tree.value for tree in trees]), 0.0),
        depth=max(tree.depth for tree in trees),
        base=base,
        share=share,
        single=single,
    )
