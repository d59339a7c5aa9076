/** What tests of several modules share. */
package io.limiter.testing;
