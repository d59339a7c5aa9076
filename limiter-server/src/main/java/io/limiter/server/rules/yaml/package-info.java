/** YAML with the place of every value, and the problems at these places. */
@NullMarked
package io.limiter.server.rules.yaml;

import org.jspecify.annotations.NullMarked;
