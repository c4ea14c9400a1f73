"""An organisation's own rules: ``[[rule]]`` of the configuration, each with a JMESPath expression. Imported where one stands."""
