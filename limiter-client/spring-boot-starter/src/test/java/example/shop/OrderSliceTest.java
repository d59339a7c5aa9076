package example.shop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;

import io.limiter.client.CheckRequest;
import io.limiter.client.LimiterClient;
import io.limiter.client.spring.test.AutoConfigureFakeLimiter;
import io.limiter.client.testing.FakeLimiter;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.RepeatedTest;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.webmvc.test.autoconfigure.WebMvcTest;
import org.springframework.test.web.servlet.MockMvc;

/** A slice of the application has its limits, and each test a fake of its own. */
@WebMvcTest(controllers = OrderController.class, properties = "limiter.client.domain=shop")
@AutoConfigureFakeLimiter
class OrderSliceTest {
  @Autowired MockMvc shop;
  @Autowired FakeLimiter limiter;
  @Autowired LimiterClient client;

  @RepeatedTest(2)
  void eachTest_findsAFakeThatRemembersNothing() throws Exception {
    assertEquals(0, limiter.asked().size());
    assertEquals(0, limiter.refunded());
    shop.perform(get("/users/alice/orders")).andExpect(status().isOk());
    assertEquals(1, limiter.asked().size());
    assertEquals("shop", limiter.asked().get(0).domain());
    limiter.limit("none", 0, Duration.ofMinutes(1)).advance(Duration.ofSeconds(1));
    shop.perform(get("/users/alice/orders")).andExpect(status().isTooManyRequests());
    var receipt = client.check(CheckRequest.in("shop").receipt()).receipt();
    assertEquals(Optional.empty(), receipt);
    // Left over for the next test, if it were not reset.
    limiter.deny(Duration.ofSeconds(1));
  }
}
