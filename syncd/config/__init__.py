"""The configuration: config.toml and the tables beside it, read, checked and explained."""

from syncd.config.load import Config, load_config
from syncd.config.mistakes import ConfigError
from syncd.config.secrets import Secret, SecretError

__all__ = ["Config", "ConfigError", "Secret", "SecretError", "load_config"]
