"""Network architectures: the papers' small nets, torchvision's, and EfficientNet-Lite as it was trained on ImageNet."""

from benchbox.contracts import Lazy

_HERE = "benchbox_plugins.models"

PLUGINS = (
    Lazy("model", "lenet5", f"{_HERE}.lenet5:LeNet5", "LeNet-5: two convolutions and three dense layers, with ReLU."),
    Lazy("model", "c3f2", f"{_HERE}.c3f2:C3F2", "C3F2: three convolutions and two dense layers."),
    Lazy("model", "dnn5", f"{_HERE}.dnn5:DNN5", "DNN5: five dense layers, no convolution."),
    Lazy(
        "model", "conv3", f"{_HERE}.convs:Conv3", "The 3-convolution net: the substitute of MEGA, the target of DaST."
    ),
    Lazy(
        "model", "conv4", f"{_HERE}.convs:Conv4", "The 4-convolution net: the target of MEGA, the substitute of DaST."
    ),
    Lazy(
        "model",
        "resnet20",
        f"{_HERE}.resnet20:ResNet20",
        "ResNet-20 for images of 32x32: 0.27 million weights, 16, 32 and 64 maps.",
    ),
    Lazy(
        "model",
        "inception-v3",
        f"{_HERE}.architectures:InceptionV3",
        "torchvision's Inception-v3, untrained, with ImageNet's normalisation inside.",
    ),
    Lazy(
        "model",
        "torchvision",
        f"{_HERE}.architectures:Torchvision",
        "Any of torchvision's classifiers, as ``torchvision:resnet152``, with ImageNet's normalisation inside.",
    ),
    *(
        Lazy("model", f"resnet{depth}", f"{_HERE}.resnet:ResNet{depth}", f"torchvision's ResNet-{depth}, untrained.")
        for depth in (18, 34, 50, 101, 152)
    ),
    *(
        Lazy(
            "model",
            f"efficientnet-lite{i}",
            f"{_HERE}.efficientnet_lite:EfficientNetLite{i}",
            f"EfficientNet-Lite{i} with ImageNet's weights: {told}.",
        )
        for i, told in enumerate(
            (
                "4.7 million, 75.1 % of ImageNet's validation images right as published",
                "5.4 million, 76.7 % right as published",
                "6.1 million, 77.6 % right as published",
            )
        )
    ),
)
