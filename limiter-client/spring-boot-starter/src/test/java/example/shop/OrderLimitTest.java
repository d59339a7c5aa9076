package example.shop;

import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.header;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.jsonPath;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;

import io.limiter.client.spring.test.AutoConfigureFakeLimiter;
import io.limiter.client.testing.Asked;
import io.limiter.client.testing.FakeLimiter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.test.web.servlet.MockMvc;

@SpringBootTest(properties = "limiter.client.domain=shop")
@AutoConfigureMockMvc
@AutoConfigureFakeLimiter
class OrderLimitTest {
  @Autowired MockMvc shop;
  @Autowired FakeLimiter limiter;
  @Autowired CheckoutService checkout;

  @Test
  void eachUser_hasOneOrderPerMinute() throws Exception {
    limiter.limit("orders", 1, Duration.ofMinutes(1), "user");
    shop.perform(get("/users/alice/orders")).andExpect(status().isOk());
    shop.perform(get("/users/bob/orders")).andExpect(status().isOk());
    shop.perform(get("/users/alice/orders"))
        .andExpect(status().isTooManyRequests())
        .andExpect(header().string("Retry-After", "60"))
        .andExpect(jsonPath("$['violated-policies'][0]", is("orders")));
  }

  @Test
  void aCheckout_costsAsManyAsItHasItems() {
    String bought = checkout.checkOut("alice", null, List.of("pen", "ink")).join();
    assertEquals("bought [pen, ink]", bought);
    Asked asked = limiter.asked().get(0);
    assertEquals("checkout", asked.domain());
    assertEquals(Map.of("user", "alice", "coupon", "none"), asked.attributes());
    assertEquals(2, asked.cost());
  }
}
