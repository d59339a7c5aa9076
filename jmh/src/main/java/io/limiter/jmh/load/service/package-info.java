/** The service under load: its process, its flags, its processor time. */
@NullMarked
package io.limiter.jmh.load.service;

import org.jspecify.annotations.NullMarked;
