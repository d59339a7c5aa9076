/** YAML as a tree whose every node knows its place, and what is wrong at which place. */
@NullMarked
package io.limiter.server.rules.yaml;

import org.jspecify.annotations.NullMarked;
