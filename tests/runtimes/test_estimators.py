from typing import Any

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier, StackingClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.impute import SimpleImputer
from sklearn.isotonic import IsotonicRegression
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import CategoricalNB, GaussianNB
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer, OrdinalEncoder, StandardScaler

from infergraph.runtimes.estimators import front_of, members, rows_of
from infergraph.runtimes.rows import Takes

X, y = np.arange(24).reshape(12, 2) % 5, [0, 1, 2] * 4
WORDS = np.array([["a", "b"], ["c", "d"]] * 6, dtype=object)
BAYES = GaussianNB()


class Mine(BaseEstimator):  # type: ignore[misc]
    """Somebody's own estimator, of which nothing is known."""

    def fit(self, X: Any, y: Any = None) -> "Mine":
        self.n_features_in_ = X.shape[1]
        return self


@pytest.mark.parametrize(
    ("model", "takes"),
    [
        (BAYES, Takes.NUMBERS),
        (make_pipeline("passthrough", StandardScaler(), BAYES), Takes.NUMBERS),
        (make_pipeline(SimpleImputer(), BAYES), Takes.NUMBERS),
        (make_pipeline(make_union(StandardScaler(), SimpleImputer()), BAYES), Takes.NUMBERS),
        (make_pipeline(StandardScaler(), FunctionTransformer(), BAYES), Takes.NUMBERS),
        (OneVsRestClassifier(BAYES), Takes.NUMBERS),
        (StackingClassifier([("a", BAYES)], BAYES, cv=2), Takes.NUMBERS),
        (GridSearchCV(make_pipeline(StandardScaler(), BAYES), {}, cv=2), Takes.NUMBERS),
        (CategoricalNB(), Takes.ANYTHING),
        (make_pipeline(OrdinalEncoder(), BAYES), Takes.ANYTHING),
        (make_pipeline(FunctionTransformer(), BAYES), Takes.ANYTHING),
        (make_pipeline(make_union(StandardScaler(), OrdinalEncoder()), BAYES), Takes.ANYTHING),
        (make_pipeline(make_column_transformer((StandardScaler(), [0])), BAYES), Takes.ANYTHING),
        (OneVsRestClassifier(make_pipeline(OrdinalEncoder(), BAYES)), Takes.ANYTHING),
        (Mine(), Takes.ANYTHING),
    ],
)
def test_what_models_of_two_columns_take(model: Any, takes: Takes) -> None:
    rows = rows_of(model.fit(X, y))
    assert rows.takes is takes
    assert rows.width in {2, None}
    assert rows.width == 2 or takes is Takes.ANYTHING


def test_an_imputer_of_texts() -> None:
    model = make_pipeline(SimpleImputer(strategy="most_frequent"), OrdinalEncoder(), BAYES).fit(WORDS, y)
    assert rows_of(model).takes is Takes.ANYTHING


def test_a_text_vectoriser_at_the_front() -> None:
    model = make_pipeline(CountVectorizer(token_pattern="."), RandomForestClassifier(2)).fit(WORDS[:, 0], y)
    assert rows_of(model).takes is Takes.TEXT


def test_one_dimension() -> None:
    assert rows_of(IsotonicRegression().fit(X[:, 0], y)).takes is Takes.ANYTHING


def test_something_that_is_no_estimator() -> None:
    rows = rows_of({"predict": "no"})
    assert rows.takes is Takes.ANYTHING
    assert rows.width is None


def test_the_front_of_a_pipeline_in_a_pipeline() -> None:
    scaler = StandardScaler()
    assert front_of(make_pipeline(None, make_pipeline("passthrough", scaler), BAYES)) is scaler


def test_members_are_found_at_any_depth_and_once() -> None:
    scaler = StandardScaler()
    model = make_pipeline(make_union(scaler, make_column_transformer((scaler, [0]))), BAYES)
    assert [member for member in members(model) if member is scaler] == [scaler]
    assert BAYES in members(model)


def test_an_estimator_that_holds_itself() -> None:
    model = Mine()
    model.me = model
    assert members(model) == [model]
