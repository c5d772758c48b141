"""Data sets: digits, MNIST and Fashion-MNIST, USPS, CIFAR-10, ImageNet, anybody's ``.npz`` and folders, and held-out parts."""

from benchbox.contracts import Lazy

_HERE = "benchbox_plugins.datasets"

PLUGINS = (
    Lazy(
        "dataset",
        "digits",
        f"{_HERE}.digits:Digits",
        "scikit-learn's 1,797 handwritten digits, at 28x28; needs no file.",
    ),
    Lazy("dataset", "mnist", f"{_HERE}.mnist:Mnist", "MNIST: 70,000 handwritten digits, 28x28 grey."),
    Lazy("dataset", "fashion-mnist", f"{_HERE}.mnist:FashionMnist", "Fashion-MNIST: 70,000 garments, 28x28 grey."),
    Lazy("dataset", "usps", f"{_HERE}.usps:Usps", "USPS: 9,298 digits from envelopes, 16x16 grey, at 28x28."),
    Lazy("dataset", "cifar10", f"{_HERE}.cifar10:Cifar10", "CIFAR-10: 60,000 small photographs, 32x32 colour."),
    Lazy(
        "dataset",
        "folder",
        f"{_HERE}.folder:Folder",
        "A folder of images, with a folder a class in it.",
    ),
    Lazy(
        "dataset",
        "imagenet",
        f"{_HERE}.imagenet:Imagenet",
        "ImageNet (ILSVRC 2012): 1,000 classes of photographs, as your data folder holds them.",
    ),
    Lazy(
        "dataset",
        "imagenet-sample",
        f"{_HERE}.imagenet:ImagenetSample",
        "A few images of ImageNet, to try what is meant for all of it.",
    ),
    Lazy(
        "dataset",
        "held-out",
        f"{_HERE}.held_out:HeldOut",
        "A data set without its test images: a sixth of its training images stands for them.",
    ),
    Lazy(
        "dataset", "npz", f"{_HERE}.npz:Npz", "Anybody's images: an .npz file with x_train, y_train, x_test and y_test."
    ),
)
