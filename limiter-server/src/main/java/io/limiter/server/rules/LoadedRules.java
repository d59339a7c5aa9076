package io.limiter.server.rules;

import java.util.List;

/** Rules, and what is wrong with those that are not among them. */
public record LoadedRules(RuleTable table, List<Problem> problems) {}
