"""Test files under pytest, as other people's projects have them."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

APP = """APP $$
CREATE STREAM S (v INT);
INSERT INTO T SELECT v FROM S WHERE v > 1;
$$;
"""
PASSES = "TEST 'passes';\nINSERT INTO S VALUES (1), (2);\nASSERT STREAM T VALUES (2);\n"
FAILS = "TEST 'fails';\nINSERT INTO S VALUES (1);\nASSERT STREAM T VALUES (1);\n"


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    return pytester


def test_each_test_of_a_file_is_one_of_pytest(project: pytest.Pytester) -> None:
    project.makefile(".eventflux-test", orders=APP + PASSES + FAILS)
    result = project.runpytest_inprocess()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*fails*",
            "orders.eventflux-test:10:1: error: stream 'T' gave no row, 1 was expected",
            "   10 | ASSERT STREAM T VALUES (1);",
            "  rows (- expected, + came):",
            "    - (1)",
            "FAILED orders.eventflux-test::fails*",
        ]
    )
    assert "Traceback" not in result.stdout.str()
    assert "playing.py" not in result.stdout.str()


def test_one_test_can_be_chosen(project: pytest.Pytester) -> None:
    project.makefile(".eventflux-test", orders=APP + PASSES + FAILS)
    project.runpytest_inprocess("orders.eventflux-test::passes").assert_outcomes(passed=1)
    result = project.runpytest_inprocess("-k", "fails", "-v")
    result.assert_outcomes(failed=1, deselected=1)


def test_a_file_without_names_is_one_test(project: pytest.Pytester) -> None:
    project.makefile(".eventflux-test", orders=APP + PASSES.split("\n", 1)[1])
    result = project.runpytest_inprocess("-v")
    result.stdout.fnmatch_lines(["orders.eventflux-test::orders PASSED*"])


def test_a_file_that_can_not_be_read_is_an_error(project: pytest.Pytester) -> None:
    project.makefile(".eventflux-test", orders=APP + "ASSERT NOTHING;\n")
    result = project.runpytest_inprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        [
            "orders.eventflux-test:5:8: error: expected STREAM or NO OUTPUT after ASSERT*",
            "    5 | ASSERT NOTHING;",
        ]
    )
    assert "Traceback" not in result.stdout.str()


def test_an_error_of_the_program_is_told_as_check_does(project: pytest.Pytester) -> None:
    project.makefile(".sql", orders="CREATE STREAM S (v INT);\nSELECT w FROM S;\n")
    project.mkdir("tests").joinpath("orders.eventflux-test").write_text("APP '../orders.sql';\n")
    result = project.runpytest_inprocess()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["tests/../orders.sql:2:8: error: stream 'S' has no column 'w'"])


def test_junit_has_the_difference(project: pytest.Pytester) -> None:
    project.makefile(".eventflux-test", orders=APP + FAILS)
    project.runpytest_inprocess("--junit-xml=report.xml")
    report = (project.path / "report.xml").read_text(encoding="utf-8")
    assert 'name="fails"' in report
    assert "stream 'T' gave no row, 1 was expected" in report.replace("&#39;", "'")


def test_they_can_be_left_out(project: pytest.Pytester) -> None:
    project.makefile(".eventflux-test", orders=APP + FAILS)
    result = project.runpytest_subprocess("-p", "no:eventflux")
    result.assert_outcomes()
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_tests_of_others_are_left_alone(project: pytest.Pytester) -> None:
    """Neither the engine nor what reads test files is loaded where there are none."""
    project.makepyfile(
        """
        import sys


        def test_modules():
            loaded = [name for name in sys.modules if name.startswith("eventflux")]
            assert sorted(loaded) == [
                "eventflux", "eventflux.testing", "eventflux.testing.pytest_plugin"
            ]
            assert "sqlglot" not in sys.modules
        """
    )
    project.makefile(".txt", notes="no test")
    result = project.runpytest_subprocess()
    result.assert_outcomes(passed=1)
