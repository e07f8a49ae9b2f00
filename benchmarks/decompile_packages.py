"""Small models of packages that build on Keras, each made as their documentation does."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import keras

Make = Callable[[], Any]


def _call(module: str, name: str, *args: Any, **kwargs: Any) -> Make:
    def made() -> Any:
        thing: Any = import_module(module)
        for part in name.split("."):
            thing = getattr(thing, part)
        return thing(*args, **kwargs)

    return made


def _through(
    module: str, name: str, shape: tuple[int | None, ...], *args: Any, **kwargs: Any
) -> Make:
    """A model of one layer of a package."""

    def made() -> Any:
        x = keras.Input(shape)
        layer = _call(module, name, *args, **kwargs)()
        y = layer(x)
        return keras.Model(x, y)

    return made


def _hub(cls: str, **kwargs: Any) -> Make:
    return _call("keras_hub.models", cls, **kwargs)


_TEXT: dict[str, Any] = {
    "vocabulary_size": 100,
    "num_layers": 2,
    "num_heads": 2,
    "hidden_dim": 8,
    "intermediate_dim": 16,
}

PACKAGES: dict[str, dict[str, Make]] = {
    "keras-hub": {
        "BERT": _hub("BertBackbone", **_TEXT),
        "ALBERT": _hub("AlbertBackbone", embedding_dim=4, **_TEXT),
        "RoBERTa": _hub("RobertaBackbone", **_TEXT),
        "DistilBERT": _hub("DistilBertBackbone", **_TEXT),
        "DeBERTa": _hub("DebertaV3Backbone", **_TEXT),
        "ELECTRA": _hub(
            "ElectraBackbone",
            embedding_dim=8,
            vocab_size=100,
            **{k: v for k, v in _TEXT.items() if k != "vocabulary_size"},
        ),
        "FNet": _hub("FNetBackbone", **{k: v for k, v in _TEXT.items() if k != "num_heads"}),
        "GPT-2": _hub("GPT2Backbone", max_sequence_length=16, **_TEXT),
        "GPT-NeoX": _hub("GPTNeoXBackbone", **_TEXT),
        "OPT": _hub("OPTBackbone", **_TEXT),
        "BLOOM": _hub("BloomBackbone", **_TEXT),
        "BART": _hub("BartBackbone", **_TEXT),
        "Llama": _hub(
            "LlamaBackbone",
            vocabulary_size=100,
            num_layers=2,
            num_query_heads=2,
            num_key_value_heads=1,
            hidden_dim=8,
            intermediate_dim=16,
        ),
        "Gemma": _hub(
            "GemmaBackbone",
            vocabulary_size=100,
            num_layers=2,
            num_query_heads=2,
            num_key_value_heads=1,
            head_dim=4,
            hidden_dim=8,
            intermediate_dim=16,
        ),
        "T5": _hub("T5Backbone", **_TEXT),
        "Whisper": _hub("WhisperBackbone", num_mels=8, **_TEXT),
        "ViT": _hub(
            "ViTBackbone",
            image_shape=(28, 28, 3),
            patch_size=4,
            num_layers=2,
            num_heads=2,
            hidden_dim=8,
            mlp_dim=16,
        ),
        "ResNet": _hub(
            "ResNetBackbone",
            input_conv_filters=[8],
            input_conv_kernel_sizes=[7],
            stackwise_num_filters=[64, 64, 64],
            stackwise_num_blocks=[2, 2, 2],
            stackwise_num_strides=[1, 2, 2],
            block_type="basic_block",
        ),
        "DenseNet": _hub("DenseNetBackbone", stackwise_num_repeats=[2, 2, 2], growth_rate=8),
        "VGG": _hub("VGGBackbone", stackwise_num_repeats=[1, 1], stackwise_num_filters=[4, 8]),
        "MiT": _hub(
            "MiTBackbone",
            layerwise_depths=[1, 1],
            num_layers=2,
            layerwise_num_heads=[1, 2],
            layerwise_sr_ratios=[2, 1],
            max_drop_path_rate=0.1,
            layerwise_patch_sizes=[7, 3],
            layerwise_strides=[4, 2],
            image_shape=(32, 32, 3),
            hidden_dims=[4, 8],
        ),
    },
    "keras-rs": {
        "dot": _through("keras_rs.layers", "FeatureCross", (8,)),
    },
    "keras-tuner": {
        "HyperResNet": lambda: _tuned("HyperResNet", input_shape=(32, 32, 3), classes=3),
        "HyperXception": lambda: _tuned("HyperXception", input_shape=(71, 71, 3), classes=3),
    },
    "autokeras": {"structured": lambda: _auto()},
    "bayesflow": {
        "MLP": lambda: _bayes("MLP"),
        "DeepSet": lambda: _bayes("DeepSet"),
        "SetTransformer": lambda: _bayes("SetTransformer"),
    },
    "keras-unet-collection": {
        name: _call("keras_unet_collection.models", name, (64, 64, 3), *given)
        for name, given in {
            "unet_2d": ([8, 16, 32], 2),
            "unet_plus_2d": ([8, 16, 32], 2),
            "r2_unet_2d": ([8, 16, 32], 2),
            "resunet_a_2d": ([8, 16, 32], [1, 3], 2),
            "att_unet_2d": ([8, 16, 32], 2),
            "u2net_2d": (2, [4, 8, 16]),
            "unet_3plus_2d": (2, [4, 8, 16]),
        }.items()
    },
    "keras-unet": {
        "custom": _call("keras_unet.models", "custom_unet", (64, 64, 3), filters=4, num_layers=2),
        "satellite": _call("keras_unet.models", "satellite_unet", (64, 64, 3)),
        "vanilla": _call(
            "keras_unet.models", "vanilla_unet", (572, 572, 1), filters=4, num_layers=2
        ),
    },
    "vit-keras": {
        "ViT": _call("vit_keras.vit", "build_model", 32, 8, 2, 8, 2, 16, 3, activation="softmax"),
    },
    "keras-tcn": {"TCN": _through("tcn", "TCN", (20, 3), nb_filters=4, return_sequences=True)},
    "keras-self-attention": {
        "SeqSelfAttention": _through("keras_self_attention", "SeqSelfAttention", (5, 4)),
    },
    "keras-efficientnets": {
        "B0": _call("keras_efficientnets", "EfficientNetB0", (64, 64, 3), classes=3, weights=None),
    },
    "keras-resnet": {
        "2D18": lambda: _resnet(),
    },
    "keras-cv-attention-models": {
        name: _call(
            f"keras_cv_attention_models.{module}", name, input_shape=(64, 64, 3), pretrained=None
        )
        for module, name in {
            "coatnet": "CoAtNet0",
            "mobilevit": "MobileViT_XXS",
            "efficientformer": "EfficientFormerL1",
            "ghostnet": "GhostNet_050",
            "mlp_family": "MLPMixerS32",
            "convnext": "ConvNeXtTiny",
            "resnest": "ResNest50",
            "levit": "LeViT128S",
        }.items()
    },
    "segmentation-models": {
        name: _call(
            "segmentation_models", name, "vgg16", input_shape=(96, 96, 3), encoder_weights=None
        )
        for name in ("Unet", "FPN", "Linknet", "PSPNet")
    },
    "ncps": {"LTC": lambda: _ncps()},
    "tabtransformertf": {"FT": lambda: _tab()},
    "keras-mdn-layer": {"MDN": _through("keras_mdn_layer", "MDN", (4,), 2, 3)},
    "qkeras": {"QDense": _through("qkeras", "QDense", (4,), 3)},
    "larq": {"QuantDense": _through("larq.layers", "QuantDense", (4,), 3)},
    "spektral": {"GCN": _through("spektral.layers", "GlobalSumPool", (4, 3))},
}


def _tuned(name: str, **kwargs: Any) -> Any:
    import keras_tuner

    return getattr(keras_tuner.applications, name)(**kwargs).build(keras_tuner.HyperParameters())


def _auto() -> Any:
    import autokeras
    import keras_tuner

    x = autokeras.Input(shape=(32,))
    y = autokeras.RegressionHead(output_dim=1)(autokeras.DenseBlock()(x))
    graph = autokeras.graph.Graph(inputs=x, outputs=y)
    graph.inputs[0].shape, graph.outputs[0].in_blocks
    return graph.build(keras_tuner.HyperParameters())


def _bayes(name: str) -> Any:
    import bayesflow

    shape = (4,) if name == "MLP" else (6, 4)
    x = keras.Input(shape)
    return keras.Model(x, getattr(bayesflow.networks, name)()(x))


def _resnet() -> Any:
    import keras_resnet.models

    return keras_resnet.models.ResNet2D18(keras.Input((64, 64, 3)), classes=3)


def _ncps() -> Any:
    from ncps.keras import CfC

    x = keras.Input((5, 3))
    return keras.Model(x, CfC(8)(x))


def _tab() -> Any:
    from tabtransformertf.models.fttransformer import FTTransformer

    return FTTransformer
