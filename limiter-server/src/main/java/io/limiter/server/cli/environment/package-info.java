/**
 * What environment variables that no option reads may mean: a typo, another program, Kubernetes.
 */
@NullMarked
package io.limiter.server.cli.environment;

import org.jspecify.annotations.NullMarked;
