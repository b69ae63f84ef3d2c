"""The page of the docs works under its own policy: nothing inline, nothing from elsewhere."""

import pytest
from playwright.async_api import Page

from tests.web.stage import Stage

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

PATIENCE = 60_000
"""Milliseconds: a hundred operations are drawn in 2 s on a machine that does nothing else."""


async def test_the_docs_are_shown_and_can_be_tried(stage: Stage, page: Page) -> None:
    page.set_default_timeout(PATIENCE)
    said: list[str] = []
    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    await page.goto(f"{stage.url}/docs")
    health = page.locator("#operations-service-read_health")
    await health.locator("button.opblock-summary-control").click()
    await health.get_by_role("button", name="Try it out").click()
    await health.get_by_role("button", name="Execute").click()
    answer = health.locator(".live-responses-table .response-col_status").last
    await answer.wait_for()
    assert (await answer.inner_text()).startswith("200")
    assert [line for line in said if "Security Policy" in line or "error" in line] == []
