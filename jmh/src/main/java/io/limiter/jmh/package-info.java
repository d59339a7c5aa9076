/** Benchmarks: each asks one question, which its Javadoc states together with its command line. */
@NullMarked
package io.limiter.jmh;

import org.jspecify.annotations.NullMarked;
