-- Run once by the postgres image, on an empty volume. Dagster's runs live apart from the trading records.
CREATE DATABASE dagster;
