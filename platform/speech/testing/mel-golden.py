"""Writes mel-golden.json: log-mel spectrograms of sounds made by a formula, after Whisper's reference.

    python mel-golden.py        (needs numpy)

The formulas are those of `whisper/audio.py` (a centred short-time Fourier transform with a periodic Hann window, its
last frame left out) and of librosa's Slaney filters; the transform is numpy's. The TypeScript of ours is held to it.
"""
import json
import pathlib

import numpy as np

RATE, FFT, HOP = 16000, 400, 160


def sound(seconds: float) -> np.ndarray:
    """A rising tone, a chord, a click and noise of a linear congruential generator, as single precision."""
    count = int(seconds * RATE)
    t = np.arange(count) / RATE
    seed, noise = 1, np.empty(count)
    for i in range(count):
        seed = (seed * 1664525 + 1013904223) % 2**32
        noise[i] = seed / 2**31 - 1
    x = 0.4 * np.sin(2 * np.pi * (100 * t + 900 * t * t)) + 0.2 * np.sin(2 * np.pi * 3000 * t) + 0.02 * noise
    x[count // 2] += 0.5
    return x.astype(np.float32)


def mel_filters(bins: int) -> np.ndarray:
    def to_mel(f):
        return np.where(f < 1000, f * 3 / 200, 15 + np.log(np.maximum(f, 1) / 1000) * 27 / np.log(6.4))

    def to_hertz(m):
        return np.where(m < 15, m * 200 / 3, 1000 * np.exp((m - 15) * np.log(6.4) / 27))

    edges = to_hertz(np.linspace(0, to_mel(np.array(RATE / 2.0)), bins + 2))
    f = np.fft.rfftfreq(FFT, 1 / RATE)
    up = (f[None] - edges[:-2, None]) / np.diff(edges)[:-1, None]
    down = (edges[2:, None] - f[None]) / np.diff(edges)[1:, None]
    return np.maximum(0, np.minimum(up, down)) * (2 / (edges[2:] - edges[:-2]))[:, None]


def log_mel(x: np.ndarray, frames: int, bins: int) -> np.ndarray:
    padded = np.zeros(frames * HOP)
    padded[: len(x)] = x[: frames * HOP]
    padded = np.pad(padded, FFT // 2, mode="reflect")
    window = np.hanning(FFT + 1)[:-1]
    stft = np.stack([np.fft.rfft(window * padded[i * HOP : i * HOP + FFT]) for i in range(frames)], axis=1)
    mel = mel_filters(bins) @ (np.abs(stft) ** 2)
    log = np.log10(np.maximum(mel, 1e-10))
    return (np.maximum(log, log.max() - 8) + 4) / 4


def case(seconds: float, frames: int, bins: int, every: int) -> dict:
    spectrogram = log_mel(sound(seconds), frames, bins)
    at = list(range(0, frames, every)) + [frames - 1]
    return {
        "seconds": seconds,
        "frames": frames,
        "bins": bins,
        "at": at,
        "values": [[round(float(v), 5) for v in spectrogram[:, i]] for i in at],
    }


if __name__ == "__main__":
    # Padded with silence, cut off, exactly full, and with the bins of the largest models.
    cases = [case(1.5, 200, 80, 23), case(2.5, 200, 80, 40), case(2.0, 200, 80, 40), case(1.5, 200, 128, 60)]
    pathlib.Path(__file__).with_name("mel-golden.json").write_text(json.dumps(cases) + "\n")
