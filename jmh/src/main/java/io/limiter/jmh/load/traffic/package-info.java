/** What is asked: keys, questions and the rules they ask about. */
@NullMarked
package io.limiter.jmh.load.traffic;

import org.jspecify.annotations.NullMarked;
