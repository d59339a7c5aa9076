package io.limiter.server.rules.yaml;

import org.snakeyaml.engine.v2.nodes.Node;

/** A value and the node of the file that gives it. */
public record Located<T>(T value, Node at) {}
