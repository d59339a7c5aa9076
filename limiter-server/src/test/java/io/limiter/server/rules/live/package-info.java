@org.jspecify.annotations.NullMarked
package io.limiter.server.rules.live;
