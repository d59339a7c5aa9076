/**
 * What was asked and answered while Redis came and went, and whether every admission can be
 * explained.
 */
package io.limiter.testing.history;
