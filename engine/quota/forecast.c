#include "config.h"
#include "engine/quota/forecast.h"
#include "engine/quota/day.h"

enum { FORECAST_MAX_DAYS = 36525 };

struct forecast_out forecast_run(const struct forecast_in *in)
{
	struct forecast_out out = {.limit = FORECAST_BY_RATE};
	int64_t now = in->now, day = day_number(now);
	double units = in->units, share = in->left_today, rate = in->units_per_h / 3600;

	if (units <= 0) {
		out.end = now;
		return out;
	}
	share = share > 0 ? share : 0; /* more may have been spent than was planned */
	for (int i = 0; i < FORECAST_MAX_DAYS && rate > 0; i++, share = in->per_day) {
		int64_t reset = day_end(day++);
		double by_rate = (double)(reset - now) * rate;
		double can = share < by_rate ? share : by_rate;
		if (units <= can) {
			out.end = now + (int64_t)(units / rate + 0.5);
			return out;
		}
		if (share < by_rate) {
			out.idle_s += reset - now - (int64_t)(can / rate);
			out.limit = FORECAST_BY_QUOTA;
			if (in->per_day <= 0)
				break;
		}
		units -= can;
		now = reset;
		out.resets++;
	}
	out.end = 0;
	out.limit = FORECAST_NEVER;
	return out;
}
