"""ONNX files: run by onnxruntime, with a sentence where it is not installed."""

from __future__ import annotations

import sys
from pathlib import Path

import given_toys
import pytest
import torch

from benchbox.errors import TargetError
from benchbox.target.given import read_gift
from benchbox.target.given.answers import guarded
from benchbox.target.given.opening import file_hash, open_gift

CPU = torch.device("cpu")


def save(path: Path, batch: int | str, *, beside: bool = False) -> None:
    """Write the toy network as an ONNX file, its weights in a file beside it where that is wanted."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    state = given_toys.network().state_dict()
    tensors = [numpy_helper.from_array(state[f"1.{name}"].numpy(), name) for name in ("weight", "bias")]
    nodes = [
        helper.make_node("Flatten", ["images"], ["flat"]),
        helper.make_node("Gemm", ["flat", "weight", "bias"], ["logits"], transB=1),
    ]
    images = helper.make_tensor_value_info("images", TensorProto.FLOAT, [batch, 1, 6, 6])
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, [batch, 2])
    graph = helper.make_graph(nodes, "toy", [images], [logits], tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    more = {"save_as_external_data": True, "location": "weights.bin", "size_threshold": 0} if beside else {}
    onnx.save(model, str(path), **more)


def test_without_onnxruntime_a_sentence_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    (tmp_path / "net.onnx").write_bytes(b"whatever")
    with pytest.raises(TargetError, match=r"pip install 'benchbox-attacks\[onnx\]'"):
        open_gift(read_gift(str(tmp_path / "net.onnx")), None, CPU)


@pytest.mark.parametrize("batch", ["n", 1, 4])
def test_it_answers_as_its_network_does_in_batches_that_it_takes(batch: int | str, tmp_path: Path) -> None:
    save(tmp_path / "net.onnx", batch)
    gift, images = read_gift(str(tmp_path / "net.onnx")), torch.rand(6, 1, 6, 6)
    said = torch.as_tensor(guarded(gift, open_gift(gift, None, CPU))(images))
    with torch.no_grad():
        assert torch.allclose(said, given_toys.network()(images), atol=1e-5)


def test_weights_beside_the_file_are_pinned_too(tmp_path: Path) -> None:
    save(tmp_path / "net.onnx", "n", beside=True)
    gift = read_gift(str(tmp_path / "net.onnx"))
    before = file_hash(gift)
    content = bytearray((tmp_path / "weights.bin").read_bytes())
    content[0] ^= 1
    (tmp_path / "weights.bin").write_bytes(content)
    assert file_hash(gift) != before
    (tmp_path / "weights.bin").unlink()
    with pytest.raises(TargetError, match=r"weights\.bin cannot be read"):
        file_hash(gift)


def test_what_is_no_onnx_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "net.onnx").write_bytes(b"no model")
    with pytest.raises(TargetError, match="the ONNX file cannot be opened"):
        open_gift(read_gift(str(tmp_path / "net.onnx")), None, CPU)
