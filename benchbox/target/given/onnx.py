"""A network in an ONNX file, run by onnxruntime on the CPU with one thread."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from benchbox.errors import TargetError
from benchbox.target.given.code import content_of

_BESIDE = re.compile(rb"\n\x08location\x12([\x01-\x7f])")
"""Where the file names one of tensors beside it: the protocol buffer of the key, and the length of the name."""


class OnnxNetwork:
    """An ONNX file of one input, images NCHW, whose first output is the answer.

    Args:
        path: the file; tensors may lie in files beside it.
        who: names the target in errors.

    Attributes:
        batch: how many images it takes at a time, where the file fixes that; else None.

    Raises:
        TargetError: onnxruntime is not installed, or cannot open it.
    """

    def __init__(self, path: Path, who: str) -> None:
        try:
            import onnxruntime
        except ImportError:
            raise TargetError(
                f"{who} is an ONNX file, for which onnxruntime is needed: pip install 'benchbox-attacks[onnx]'"
            ) from None
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime raises its own kinds, a class for each
            raise TargetError(f"{who}: the ONNX file cannot be opened: {str(error).splitlines()[0][:300]}") from None
        inputs = self._session.get_inputs()
        if len(inputs) != 1:
            raise TargetError(
                f"{who}: the ONNX file has {len(inputs)} inputs; expected one, images (n, channels, height, width)"
            )
        self._input = inputs[0].name
        self._type = np.float16 if inputs[0].type == "tensor(float16)" else np.float32
        self.batch = inputs[0].shape[0] if inputs[0].shape and isinstance(inputs[0].shape[0], int) else None

    def __call__(self, images: Tensor) -> Any:
        """Return the raw answers to float32 images (n, *shape)."""
        return self._session.run(None, {self._input: images.detach().cpu().contiguous().numpy().astype(self._type)})[0]


def onnx_hash(path: Path, who: str) -> str:
    """Return the sha256 of an ONNX file; with it, of the files of tensors that it names, where there are any.

    Raises:
        TargetError: one cannot be read.
    """
    content = content_of(path, who)
    total = hashlib.sha256(content)
    for name in sorted({content[m.end() : m.end() + m[1][0]] for m in _BESIDE.finditer(content)}):
        total.update(content_of(path.parent / name.decode("utf-8", "replace"), who))
    return total.hexdigest()
