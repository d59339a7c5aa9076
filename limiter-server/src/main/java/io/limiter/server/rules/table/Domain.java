package io.limiter.server.rules.table;

/** What one file holds for its domain: rules, or the descriptors of an Envoy configuration. */
public sealed interface Domain permits DomainRules, DescriptorRules {

  /** The domain's name. */
  String domain();

  /** The file that it is written in. */
  String file();

  /** How many rules it has, those that are off included. */
  int ruleCount();

  /** Whether the name of a rule is the file's, and not made of what a request says. */
  boolean names(String rule);
}
