package io.limiter.server.rules.table;

import io.limiter.server.rules.index.When;

/**
 * An override as it stands in the file.
 *
 * @param line from 1
 */
public record WrittenOverride(int line, When when, Effect effect) {}
