/** Puts a fake service in place of the real one, in tests of applications. */
@NullMarked
package io.limiter.client.spring.test;

import org.jspecify.annotations.NullMarked;
