"""The gallery of components."""

from tisserand.portal.gallery import gallery_sample


def test_the_invented_cloth_of_the_gallery_adds_up() -> None:
    cloth = gallery_sample().cloth

    assert sum(map(sum, cloth.matrix)) == cloth.numerator
    assert sum(map(len, cloth.matrix)) == cloth.denominator
    assert len(cloth.matrix) == len(cloth.months)
