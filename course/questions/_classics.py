"""LeNet-5, AlexNet, VGG and ResNet as tables, exactly as their papers print them."""

from __future__ import annotations

from typing import Any

from course.questions._networks import Network, Shape


def scaled(count: int, width: float) -> int:
    """A number of maps or units at a part of the full width, at least 1."""
    return max(1, round(count * width))


def lenet5(
    activation: str = "tanh", pool: str = "average", shape: Shape = (32, 32, 1), classes: int = 10
) -> Network:
    """LeNet-5 as one builds it today (LeCun et al. 1998, with one kind of activation and softmax)."""
    network = Network(shape)
    for number, filters in ((1, 6), (3, 16)):
        network.conv(filters, 5, activation=activation, name=f"C{number}")
        network.pool(pool, 2, 2, name=f"S{number + 1}")
    network.flatten()
    network.dense(120, activation=activation, name="C5")
    network.dense(84, activation=activation, name="F6")
    network.dense(classes, activation="softmax", name="output")
    return network


LRN = {"n": 5, "k": 2.0, "alpha": 1e-4, "beta": 0.75}  # Krizhevsky et al. 2012, section 3.3


def alexnet(
    groups: int = 1,
    classes: int = 1000,
    width: float = 1.0,
    *,
    lrn: bool = False,
    pad: int = 0,
    shape: Shape = (227, 227, 3),
) -> Network:
    """AlexNet in one tower, or with conv2, conv4 and conv5 in two groups (Krizhevsky et al. 2012).

    Args:
        groups: 1 or 2.
        classes: Units at the end.
        width: Part of the full number of maps and hidden units.
        lrn: Whether response normalisation follows conv1 and conv2, before their pooling.
        pad: Zeros on each side of the picture; 2 with 224×224 pixels.
        shape: Of one image.
    """
    network = Network(shape)

    def conv(number: int, filters: int, kernel: int, *, split: bool = False, **options: Any) -> None:
        parts = groups if split else 1
        name = f"conv{number}"
        network.conv(scaled(filters, width), kernel, groups=parts, activation="relu", name=name, **options)

    def pool(number: int) -> None:
        if lrn and number < 5:
            network.response_norm(**LRN, name=f"norm{number}")
        network.pool("max", 3, 2, name=f"pool{number}")

    conv(1, 96, 11, stride=4, pad=pad)
    pool(1)
    conv(2, 256, 5, pad=2, split=True)
    pool(2)
    conv(3, 384, 3, pad=1)
    conv(4, 384, 3, pad=1, split=True)
    conv(5, 256, 3, pad=1, split=True)
    pool(5)
    network.flatten()
    for name in ("fc6", "fc7"):
        network.dense(scaled(4096, width), activation="relu", name=name)
    network.dense(classes, activation="softmax", name="fc8")
    return network


# Simonyan and Zisserman 2015, table 1: filter sides of each block's convolutions.
VGG = {
    "A": ((3,), (3,), (3, 3), (3, 3), (3, 3)),
    "A-LRN": ((3,), (3,), (3, 3), (3, 3), (3, 3)),
    "B": ((3, 3),) * 5,
    "C": ((3, 3), (3, 3), (3, 3, 1), (3, 3, 1), (3, 3, 1)),
    "D": ((3, 3), (3, 3), (3, 3, 3), (3, 3, 3), (3, 3, 3)),
    "E": ((3, 3), (3, 3), (3,) * 4, (3,) * 4, (3,) * 4),
}
VGG_MAPS = (64, 128, 256, 512, 512)


def vgg(config: str, classes: int = 1000, width: float = 1.0, *, shape: Shape = (224, 224, 3)) -> Network:
    """VGG A, A-LRN, B, C, D or E: every convolution `same`, a 2×2 pooling after each block."""
    network = Network(shape)
    for block, (kernels, maps) in enumerate(zip(VGG[config], VGG_MAPS, strict=True), start=1):
        for number, kernel in enumerate(kernels, start=1):
            filters = scaled(maps, width)
            network.conv(filters, kernel, pad="same", activation="relu", name=f"conv{block}_{number}")
            if config == "A-LRN" and block == 1:
                network.response_norm(**LRN, name="norm1")
        network.pool("max", 2, 2, name=f"pool{block}")
    network.flatten()
    for name in ("fc6", "fc7"):
        network.dense(scaled(4096, width), activation="relu", name=name)
    network.dense(classes, activation="softmax", name="fc8")
    return network


# He et al. 2016, table 1: blocks of each stage, and whether a block is a bottleneck.
RESNET = {
    18: ((2, 2, 2, 2), False),
    34: ((3, 4, 6, 3), False),
    50: ((3, 4, 6, 3), True),
    101: ((3, 4, 23, 3), True),
    152: ((3, 8, 36, 3), True),
}


def resnet(
    depth: int,
    shortcut: str = "B",
    classes: int = 1000,
    width: float = 1.0,
    *,
    plain: bool = False,
    stride_on_3x3: bool = False,
    shape: Shape = (224, 224, 3),
) -> Network:
    """ResNet-18 to -152 (He et al. 2016): convolutions without bias, each with batch normalisation.

    Args:
        depth: 18, 34, 50, 101 or 152.
        shortcut: "A" (zeros for new maps), "B" (a projection where the shape changes) or "C" (a projection
            everywhere).
        classes: Units at the end.
        width: Part of the full number of maps.
        plain: Leave out every shortcut.
        stride_on_3x3: Version 1.5: in a bottleneck the 3×3 has the stride, not the first 1×1.
        shape: Of one image.
    """
    blocks, is_bottleneck = RESNET[depth]
    network = Network(shape)
    network.conv(scaled(64, width), 7, stride=2, pad=3, bias=False, name="conv1")
    network.norm()
    network.activation("relu")
    network.pool("max", 3, 2, pad=1, name="pool1")
    for stage, count in enumerate(blocks):
        for block in range(count):
            maps, stride = scaled(64 * 2**stage, width), 2 if stage and not block else 1
            kind = None if plain else shortcut
            if is_bottleneck:
                bottleneck(network, maps, stride, kind, stride_on_3x3=stride_on_3x3)
            else:
                basic_block(network, maps, stride, kind)
    network.global_average()
    network.dense(classes, activation="softmax", name="fc")
    return network


def _normed(network: Network, filters: int, kernel: int, *, at: int, stride: int = 1) -> int:
    """A convolution without bias that keeps the size (but for the stride), and batch normalisation."""
    network.conv(filters, kernel, stride=stride, pad=kernel // 2, bias=False, at=at)
    return network.norm()


def basic_block(network: Network, maps: int, stride: int = 1, shortcut: str | None = "B") -> int:
    """Two 3×3 convolutions and a shortcut; None for none."""
    start = network.last
    first = network.activation("relu", at=_normed(network, maps, 3, at=start, stride=stride))
    return _joined(network, start, _normed(network, maps, 3, at=first), maps, stride, shortcut)


def bottleneck(
    network: Network, maps: int, stride: int = 1, shortcut: str | None = "B", *, stride_on_3x3: bool = False
) -> int:
    """1×1, 3×3 and 1×1 with four times the maps, and a shortcut; None for none."""
    start = network.last
    strides = (1, stride) if stride_on_3x3 else (stride, 1)
    first = network.activation("relu", at=_normed(network, maps, 1, at=start, stride=strides[0]))
    second = network.activation("relu", at=_normed(network, maps, 3, at=first, stride=strides[1]))
    end = _normed(network, 4 * maps, 1, at=second)
    return _joined(network, start, end, 4 * maps, stride, shortcut)


def _joined(network: Network, start: int, end: int, maps: int, stride: int, shortcut: str | None) -> int:
    """The addition and the last ReLU of a block."""
    if shortcut is None:
        return network.activation("relu", at=end)
    changes = stride != 1 or network.layers[start].output[-1] != maps
    if shortcut == "C" or (shortcut == "B" and changes):
        start = _normed(network, maps, 1, at=start, stride=stride)
    elif changes:
        start = network.shortcut_padding(maps, stride, at=start)
    return network.activation("relu", at=network.add(end, start))
