"""The configuration: config.toml and the tables beside it, of one company or several, read, checked and explained."""

from syncd.config.companies import Companies, load_companies
from syncd.config.load import Config, load_config
from syncd.config.mistakes import ConfigError
from syncd.config.secrets import Secret, SecretError

__all__ = ["Companies", "Config", "ConfigError", "Secret", "SecretError", "load_companies", "load_config"]
