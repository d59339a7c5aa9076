/** How and when questions are asked: closed and open loops, their slots and their tallies. */
@NullMarked
package io.limiter.jmh.load.pace;

import org.jspecify.annotations.NullMarked;
