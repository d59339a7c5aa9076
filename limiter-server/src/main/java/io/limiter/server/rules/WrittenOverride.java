package io.limiter.server.rules;

/**
 * An override as it stands in the file.
 *
 * @param line from 1
 */
record WrittenOverride(int line, When when, Effect effect) {}
