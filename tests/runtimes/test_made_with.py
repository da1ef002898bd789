from infergraph.runtimes.made_with import MadeWith


def test_the_sentence() -> None:
    assert str(MadeWith("model.joblib", "1.5.2", "1.9.1")) == (
        "model.joblib was made with scikit-learn 1.5.2, and 1.9.1 is installed here; "
        'install the same one or use infergraph run --fix: pip install "scikit-learn==1.5.2"'
    )


def test_what_has_to_come_with_it() -> None:
    assert MadeWith("m", "1.2.2", "1.9.1").needed == ("scikit-learn==1.2.2", "numpy<2")
    assert "on Python 3.8 or older: pip install" in str(MadeWith("m", "0.23.2", "1.9.1"))
